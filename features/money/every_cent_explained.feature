Feature: Every cent can be explained
  The books of an order say what it is made of, and agree with what the provider holds.

  Background:
    Given the shop sells "Green tea" for 12.00 EUR
    And a shopper has placed an order for 1 "Green tea"

  Scenario: The books of a paid order
    When the shopper pays with a card that works
    Then the books say
      | account  | amount     |
      | provider | 20.23 EUR  |
      | sales    | -12.00 EUR |
      | delivery | -5.00 EUR  |
      | tax      | -3.23 EUR  |
      | shopper  | 0.00 EUR   |

  Scenario: The books of an order that nobody paid
    When the merchant cancels the order
    Then the books are empty

  Scenario: The story of an order
    When the shopper pays with a card that lacks funds
    And the shopper pays with a card that works
    Then the order's story tells of placing, holding, a decline, and completion
