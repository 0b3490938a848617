Feature: Paying at another page
  Some ways to pay lead to the shopper's bank or to a lender. The shopper's yes there takes the money at once.

  Background:
    Given the shop sells "Green tea" for 12.00 EUR
    And 1 piece of "Green tea" is in stock
    And a shopper has placed an order for 1 "Green tea"

  Scenario Outline: The shopper agrees
    When the shopper pays with <way>
    Then the order waits for the shopper to confirm at the bank
    When the shopper confirms at the bank
    Then the order is paid
    And the provider has collected the order's total
    And 1 piece of "Green tea" is sold

    Examples:
      | way        |
      | iDEAL      |
      | Bancontact |
      | Klarna     |

  Scenario: The shopper says no, and takes a card
    When the shopper pays with iDEAL
    And the shopper refuses at the bank
    Then the order waits to be paid
    And the shopper is told that the bank did not confirm
    When the shopper pays with a card that works
    Then the order is paid
    And the provider has collected the order's total
