Feature: Goods that come back are paid back
  The merchant names pieces of the order; each is worth what was paid for it, with its discount and its tax.

  Background:
    Given the shop sells "Green tea" for 12.00 EUR
    And the shop sells "Mug" for 10.00 EUR

  Scenario: One of two pieces
    Given a shopper has paid for 2 "Green tea"
    When the merchant gives the money for 1 "Green tea" back
    Then the order is partly refunded
    And the shopper sees these refunds
      | amount    | how it stands |
      | 14.28 EUR | arrived       |
    And the books say
      | account  | amount     |
      | provider | 20.23 EUR  |
      | sales    | -24.00 EUR |
      | refunds  | 12.00 EUR  |
      | delivery | -5.00 EUR  |
      | tax      | -3.23 EUR  |

  Scenario: One of two products
    Given a shopper has paid for a basket of 1 "Green tea" and 2 "Mug"
    When the merchant gives the money for 2 "Mug" back
    Then the shopper sees these refunds
      | amount    | how it stands |
      | 23.80 EUR | arrived       |

  Scenario: What was bought at a discount is paid back at a discount
    Given the code "WELCOME" takes 10 % off
    And a shopper has paid for 2 "Green tea" with the code "WELCOME"
    When the merchant gives the money for 1 "Green tea" back
    Then the shopper sees these refunds
      | amount    | how it stands |
      | 12.85 EUR | arrived       |

  Scenario: More pieces than were sold
    Given a shopper has paid for 2 "Green tea"
    When the merchant gives the money for 3 "Green tea" back
    Then the refund is refused because there are fewer pieces
    And the order is paid

  Scenario: More pieces than are left
    Given a shopper has paid for 2 "Green tea"
    When the merchant gives the money for 1 "Green tea" back
    And the merchant gives the money for 2 "Green tea" back
    Then the refund is refused because there are fewer pieces
    And the order is partly refunded
