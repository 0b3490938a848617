Feature: Calling an order off before it is paid
  Until it is paid an order can be called off: no money is collected and the goods are free again.

  Background:
    Given the shop sells "Green tea" for 12.00 EUR
    And 5 pieces of "Green tea" are in stock
    And a shopper has placed an order for 2 "Green tea"

  Scenario: The merchant calls it off
    When the merchant cancels the order
    Then the order is cancelled
    And 5 pieces of "Green tea" are free
    And the provider has collected nothing

  Scenario: Calling off twice
    When the merchant cancels the order
    And the merchant cancels the order
    Then the order is cancelled
    And 5 pieces of "Green tea" are free

  Scenario: A paid order is not called off
    When the shopper pays with a card that works
    And the merchant cancels the order
    Then cancelling is refused because the order is paid
    And the order is paid
