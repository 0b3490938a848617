Feature: What can't be shipped is not charged
  A shop that finds a piece missing before the money is taken charges only for what it ships.

  Background:
    Given the shop sells "Bowl" for 49.00 EUR
    And 5 pieces of "Bowl" are in stock
    And a shopper has placed an order for 2 "Bowl"

  Scenario: A piece is missing
    When the shopper pays with a card that asks the bank
    And the merchant finds 1 "Bowl" missing
    And the shopper confirms at the bank
    Then the order is paid
    And the provider has collected 64.26 EUR
    And 1 piece of "Bowl" is sold
    And 3 pieces of "Bowl" are free
    And the books say
      | account  | amount     |
      | provider | 64.26 EUR  |
      | sales    | -49.00 EUR |
      | delivery | -5.00 EUR  |
      | tax      | -10.26 EUR |

  Scenario: A piece that can't be shipped but is there
    When the merchant can't ship 1 "Bowl" after all
    Then 1 piece of "Bowl" is held
    And 4 pieces of "Bowl" are free

  Scenario: Everything is missing
    When the merchant finds 2 "Bowl" missing
    Then it is refused because nothing would be left to ship
    And 2 pieces of "Bowl" are held

  Scenario: Once the money is taken
    When the shopper pays with a card that works
    And the merchant finds 1 "Bowl" missing
    Then it is refused because the money was taken
    And the provider has collected the order's total
