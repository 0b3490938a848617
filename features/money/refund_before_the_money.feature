Feature: Before the money is taken there is nothing to give back
  An order that is not paid yet is called off instead: no money ever moves, and the goods are free again.

  Background:
    Given the shop sells "Green tea" for 12.00 EUR
    And 5 pieces of "Green tea" are in stock
    And a shopper has placed an order for 2 "Green tea"

  Scenario: Everything
    When the merchant gives everything back
    Then the order is cancelled
    And 5 pieces of "Green tea" are free
    And the provider has collected nothing
    And the books are empty

  Scenario: While the bank asks the shopper
    When the shopper pays with a card that asks the bank
    And the merchant gives everything back
    Then the order is cancelled
    And the provider has collected nothing

  Scenario: A part
    When the merchant gives 1.00 EUR back
    Then the refund is refused because the money was not taken yet
    And the order waits to be paid
