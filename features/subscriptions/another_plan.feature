Feature: A subscriber goes over to another plan
  What was paid ahead for the old plan is set against the new one.

  Background:
    Given the shop sells the plan "Gold" for 30.00 EUR a month
    And the shop sells the plan "Silver" for 10.00 EUR a month
    And a customer is registered
    And the customer has subscribed to "Gold"

  Scenario: To a cheaper plan
    When the customer goes over to "Silver"
    Then the customer may have everything that "Silver" gives
    And the provider has collected 30.00 EUR for the subscription

  Scenario: A plan that is not on sale
    When the customer goes over to "Bronze"
    Then the subscription is refused because no such plan is on sale
    And the customer may have everything that "Gold" gives
