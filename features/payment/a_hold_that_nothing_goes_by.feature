Feature: Money that is held for nothing is let go
  A shopper's bank may promise the money for one order twice, or when it is not wanted any more. Nothing of it is
  left held on the shopper's card beside what was paid.

  Background:
    Given the shop sells "Green tea" for 12.00 EUR
    And new orders begin with the other provider
    And a shopper has placed an order for 1 "Green tea"

  Scenario: The money is promised once more beside what was paid
    When the shopper pays with a card that works
    Then the order is paid
    When the shopper's bank promises the money once more
    Then no money of the shopper's is held for nothing
    And the order is paid
    And the provider has collected 20.23 EUR

  Scenario: The money is promised after the order was cancelled
    When the shopper pays with a card that asks the bank
    Then the order waits for the shopper to confirm at the bank
    When the merchant cancels the order
    Then the order is cancelled
    When the shopper's bank promises the money once more
    Then no money of the shopper's is held for nothing
    And the order is cancelled
    And the provider has collected nothing
