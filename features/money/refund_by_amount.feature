Feature: A part of the money goes back
  The merchant names an amount. Everything in the order becomes that much cheaper, and its tax with it.

  Background:
    Given the shop sells "Green tea" for 12.00 EUR
    And a shopper has paid for 1 "Green tea"

  Scenario: A small apology
    When the merchant gives 2.00 EUR back
    Then the order is partly refunded
    And the provider has collected 18.23 EUR
    And the books say
      | account  | amount     |
      | provider | 18.23 EUR  |
      | sales    | -12.00 EUR |
      | refunds  | 1.18 EUR   |
      | delivery | -4.50 EUR  |
      | tax      | -2.91 EUR  |

  Scenario: An amount, and then the rest
    When the merchant gives 2.00 EUR back
    And the merchant gives everything back
    Then the order is refunded
    And the shopper sees these refunds
      | amount    | how it stands |
      | 2.00 EUR  | arrived       |
      | 18.23 EUR | arrived       |
