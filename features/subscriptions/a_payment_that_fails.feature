Feature: A payment for the next period fails
  The subscriber is told, and keeps the plan for a while; who has not paid by then loses it.

  Background:
    Given the shop sells the plan "Gold" for 19.00 EUR a month
    And a customer is registered
    And the customer has subscribed to "Gold"
    And the customer's card does not work any more
    And the month ends

  Scenario: The plan stays for a while
    Then the customer may still have everything that "Gold" gives
    And the customer is told once that the payment failed
    And the provider has collected 19.00 EUR for the subscription

  Scenario: Nothing is paid
    When the grace runs out
    Then the customer may have nothing of the plan
    And the customer is told once that the subscription has ended

  Scenario: It is paid in time
    When the customer pays with another card
    Then the customer may have everything that "Gold" gives
    And the provider has collected 38.00 EUR for the subscription

  Scenario: It is paid too late
    Given the grace runs out
    When the customer pays with another card
    Then the customer may have everything that "Gold" gives
    And the provider has collected 38.00 EUR for the subscription
