Feature: Nobody gets more back than they paid
  What was given back, or is on its way, can't be given back again.

  Background:
    Given the shop sells "Green tea" for 12.00 EUR
    And a shopper has paid for 1 "Green tea"

  Scenario: More than was paid
    When the merchant gives 20.24 EUR back
    Then the refund is refused because so much is not left
    And the provider has collected 20.23 EUR

  Scenario: More than is left
    When the merchant gives 20.00 EUR back
    And the merchant gives 0.24 EUR back
    Then the refund is refused because so much is not left
    And the provider has collected 0.23 EUR

  Scenario: Everything a second time
    When the merchant gives everything back
    And the merchant gives everything back
    Then the refund is refused because so much is not left
    And the provider has collected nothing

  Scenario: Another currency
    When the merchant gives 1.00 USD back
    Then the refund is refused because of its currency
    And the order is paid
