Feature: Goods that others took first
  A shopper whose goods went to somebody else a moment before keeps the cart, and can take what is left.

  Background:
    Given the shop sells "Bowl" for 49.00 EUR
    And 3 pieces of "Bowl" are in stock

  Scenario: Taking what is left
    Given a shopper is about to order 3 "Bowl"
    And another shopper has ordered 2 "Bowl"
    When the shopper tries to place the order
    Then the order is refused because there is too little of "Bowl"
    And 2 pieces of "Bowl" are held
    When the shopper changes the quantity to 1
    And the shopper places the order
    And the shopper pays with a card that works
    Then the order is paid
    And 1 piece of "Bowl" is sold
    And 2 pieces of "Bowl" are held
    And 0 pieces of "Bowl" are free

  Scenario: Goods of an order that is called off
    Given a shopper has placed an order for 3 "Bowl"
    When the merchant cancels the order
    Then the order is cancelled
    And 3 pieces of "Bowl" are free
