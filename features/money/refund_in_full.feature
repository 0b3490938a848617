Feature: All of the money goes back
  The merchant gives a shopper everything back that they paid, delivery and tax included.

  Background:
    Given the shop sells "Green tea" for 12.00 EUR
    And a shopper has paid for 1 "Green tea"

  Scenario: Everything at once
    When the merchant gives everything back
    Then the order is refunded
    And the provider has collected nothing
    And the books say
      | account  | amount     |
      | provider | 0.00 EUR   |
      | shopper  | 0.00 EUR   |
      | sales    | -12.00 EUR |
      | refunds  | 12.00 EUR  |
      | delivery | 0.00 EUR   |
      | tax      | 0.00 EUR   |

  Scenario: What goes back is told
    When the merchant gives everything back
    Then the shopper sees these refunds
      | amount    | how it stands |
      | 20.23 EUR | arrived       |
