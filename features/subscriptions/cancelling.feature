Feature: A subscriber cancels
  Now, or when what is paid for is over; no further period is collected in either case.

  Background:
    Given the shop sells the plan "Gold" for 19.00 EUR a month
    And a customer is registered
    And the customer has subscribed to "Gold"

  Scenario: At once
    When the customer cancels at once
    Then the customer may have nothing of the plan
    And the subscription is over
    And the customer is told once that the subscription has ended

  Scenario: At the end of the month
    When the customer cancels for the end of the month
    Then the customer may have everything that "Gold" gives
    When the month ends
    Then the subscription is over
    And the customer may have nothing of the plan
    And the provider has collected 19.00 EUR for the subscription

  Scenario: Somebody ends it at the provider
    When somebody ends the subscription at the provider
    Then the subscription is over
    And the customer may have nothing of the plan
