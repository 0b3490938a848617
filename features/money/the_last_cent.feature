Feature: The last refund takes the last cent
  However an order is paid back, piece by piece or in odd amounts, nothing remains and nothing goes missing.

  Background:
    Given the shop sells "Postcard" for 0.99 EUR

  Scenario: Piece by piece
    Given a shopper has paid for 3 "Postcard"
    When the merchant gives the money for 1 "Postcard" back
    And the merchant gives the money for 1 "Postcard" back
    And the merchant gives the money for 1 "Postcard" back
    And the merchant gives the delivery back
    Then the order is refunded
    And the shopper sees these refunds
      | amount   | how it stands |
      | 1.18 EUR | arrived       |
      | 1.18 EUR | arrived       |
      | 1.17 EUR | arrived       |
      | 5.95 EUR | arrived       |
    And the provider has collected nothing

  Scenario: Odd amounts, and then all pieces and the delivery
    Given a shopper has paid for 3 "Postcard"
    When the merchant gives 0.01 EUR back
    And the merchant gives 3.33 EUR back
    And the merchant gives the money for 2 "Postcard" back
    And the merchant gives the delivery back
    And the merchant gives the money for 1 "Postcard" back
    Then the order is refunded
    And the provider has collected nothing
    And the books say
      | account | amount    |
      | sales   | -2.97 EUR |
      | refunds | 2.97 EUR  |

  Scenario: A currency without cents
    Given "Postcard" costs 100 JPY as well
    When a wallet in Japan buys 3 "Postcard" in JPY with a card that works
    And the merchant gives the money for 1 "Postcard" back
    And the merchant gives everything back
    Then the order is refunded
    And the provider has collected nothing
