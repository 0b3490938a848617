Feature: Goods are held while the shopper pays
  What one shopper is about to pay cannot be sold to another, and what nobody pays becomes free again.

  Background:
    Given the shop sells "Bowl" for 49.00 EUR
    And 1 piece of "Bowl" is in stock

  Scenario: The last piece is held
    Given a shopper has placed an order for 1 "Bowl"
    When another shopper wants to place an order for 1 "Bowl"
    Then the order is refused because "Bowl" is out of stock

  Scenario: A paid piece is sold
    Given a shopper has placed an order for 1 "Bowl"
    When the shopper pays with a card that works
    Then 1 piece of "Bowl" is sold
    And 0 pieces of "Bowl" are free

  Scenario: A shopper who walks away
    Given a shopper has placed an order for 1 "Bowl"
    When the time to pay runs out
    Then the order has expired
    And 1 piece of "Bowl" is free
    And the provider has collected nothing
