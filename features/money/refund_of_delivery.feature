Feature: A late parcel's delivery is paid back
  The merchant gives back what the delivery cost, with its own tax, and nothing else.

  Background:
    Given the shop sells "Green tea" for 12.00 EUR
    And a shopper has paid for 1 "Green tea"

  Scenario: The delivery only
    When the merchant gives the delivery back
    Then the shopper sees these refunds
      | amount   | how it stands |
      | 5.95 EUR | arrived       |
    And the books say
      | account  | amount     |
      | provider | 14.28 EUR  |
      | sales    | -12.00 EUR |
      | tax      | -2.28 EUR  |

  Scenario: The delivery a second time
    When the merchant gives the delivery back
    And the merchant gives the delivery back
    Then the refund is refused because so much is not left
    And the provider has collected 14.28 EUR
