Feature: The bank asks the shopper first
  Some cards want the shopper to confirm at the bank. The order waits for the bank's answer.

  Background:
    Given the shop sells "Green tea" for 12.00 EUR
    And a shopper has placed an order for 1 "Green tea"

  Scenario: The shopper confirms
    When the shopper pays with a card that asks the bank
    Then the order waits for the shopper to confirm at the bank
    When the shopper confirms at the bank
    Then the order is paid
    And the provider has collected the order's total

  Scenario: The shopper refuses
    When the shopper pays with a card that asks the bank
    And the shopper refuses at the bank
    Then the order waits to be paid
    And the shopper is told that the bank did not confirm
