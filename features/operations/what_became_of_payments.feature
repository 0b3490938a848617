Feature: Operators see what became of payments
  Whoever asks why money doesn't come in finds the payments by what was said to them.

  Background:
    Given the shop sells "Green tea" for 12.00 EUR
    And 5 pieces of "Green tea" are in stock
    And a shopper has placed an order for 1 "Green tea"

  Scenario: A declined payment is found by its reason
    When the shopper pays with a card that lacks funds
    Then the shopper is told that the card lacks funds
    And operators find the payment where the card lacks funds
    And operators don't find the payment where the card is not accepted

  Scenario: Another card worked
    When the shopper pays with a card that lacks funds
    And the shopper pays with a card that works
    Then the order is paid
    And operators don't find the payment where the card lacks funds
