Feature: Goods go back on the shelf only when the merchant says so
  Money and goods are two decisions: a broken bowl is paid back, and not sold again.

  Background:
    Given the shop sells "Bowl" for 49.00 EUR
    And 5 pieces of "Bowl" are in stock
    And a shopper has paid for 2 "Bowl"

  Scenario: Paid back, not put back
    When the merchant gives the money for 2 "Bowl" back
    Then 2 pieces of "Bowl" are sold
    And 3 pieces of "Bowl" are free

  Scenario: Paid back and put back
    When the merchant gives the money for 2 "Bowl" back and puts 1 "Bowl" on the shelf
    Then 1 piece of "Bowl" is sold
    And 4 pieces of "Bowl" are free

  Scenario: A piece is put back once
    When the merchant gives the money for 1 "Bowl" back and puts 2 "Bowl" on the shelf
    And the merchant gives the money for 1 "Bowl" back and puts 1 "Bowl" on the shelf
    Then the refund is refused because there are fewer pieces
    And 5 pieces of "Bowl" are free
