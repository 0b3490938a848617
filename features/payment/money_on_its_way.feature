Feature: Money that is on its way for days
  A direct debit is paid by the shopper's bank days after the shopper's yes. Nobody is thrown out meanwhile, and the
  goods stay held.

  Background:
    Given the shop sells "Green tea" for 12.00 EUR
    And 1 piece of "Green tea" is in stock
    And a shopper has placed an order for 1 "Green tea"
    When the shopper pays with a direct debit
    Then the order waits for its money

  Scenario: The bank pays
    When the time to pay runs out
    Then the order waits for its money
    And 1 piece of "Green tea" is held
    And the provider has collected nothing
    When the shopper's bank pays
    Then the order is paid
    And the provider has collected the order's total
    And 1 piece of "Green tea" is sold

  Scenario: The bank sends the debit back
    When the shopper's bank sends the debit back
    Then the order waits to be paid
    And the shopper is told that the card is not accepted
    When the shopper pays with a card that works
    Then the order is paid
    And the provider has collected the order's total

  Scenario: Called off meanwhile
    When the merchant cancels the order
    Then the order is cancelled
    When the shopper's bank pays
    Then 1 piece of "Green tea" is free
    And the provider has collected nothing
