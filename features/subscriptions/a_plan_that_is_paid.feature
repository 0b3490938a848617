Feature: A subscriber has what they pay for
  Whoever has subscribed to a plan and paid for it may have all that the plan gives, period after period.

  Background:
    Given the shop sells the plan "Gold" for 19.00 EUR a month
    And a customer is registered

  Scenario: The first month is paid at once
    When the customer subscribes to "Gold" with a card that works
    Then the customer may have everything that "Gold" gives
    And the provider has collected 19.00 EUR for the subscription

  Scenario: Every month is paid once
    Given the customer has subscribed to "Gold"
    When the month ends
    Then the provider has collected 38.00 EUR for the subscription
    And the customer may have everything that "Gold" gives

  Scenario: A first payment that is declined
    When the customer subscribes to "Gold" with a card that is declined
    Then the customer may have nothing of the plan
    And the subscription waits for its first payment
    And the provider has collected nothing for the subscription

  Scenario: Nobody pays twice for the same plan
    Given the customer has subscribed to "Gold"
    When the customer subscribes to "Gold" with a card that works
    Then the subscription is refused because the customer has that plan already
    And the provider has collected 19.00 EUR for the subscription
