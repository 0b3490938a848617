Feature: A declined card is not the end
  A decline charges nothing and keeps the goods; the shopper may try another card until the time is up.

  Background:
    Given the shop sells "Green tea" for 12.00 EUR
    And 5 pieces of "Green tea" are in stock
    And a shopper has placed an order for 1 "Green tea"

  Scenario: Too little money on the card
    When the shopper pays with a card that lacks funds
    Then the order waits to be paid
    And the shopper is told that the card lacks funds
    And the provider has collected nothing
    And 1 piece of "Green tea" is held

  Scenario: Another card works
    When the shopper pays with a card that lacks funds
    And the shopper pays with a card that works
    Then the order is paid
    And the provider has collected the order's total

  Scenario: A stolen card is not told that it is known as stolen
    When the shopper pays with a stolen card
    Then the shopper is told that the card is not accepted
