Feature: Another payment provider
  New orders can begin with another payment provider while the shop is open. An order ends with the provider that
  it began with.

  Background:
    Given the shop sells "Green tea" for 12.00 EUR

  Scenario: A purchase through the other provider
    Given new orders begin with the other provider
    And a shopper has placed an order for 1 "Green tea"
    When the shopper pays with a card that works
    Then the order is paid
    And the order is with the other provider
    And the provider has collected 20.23 EUR
    And the shopper gets a confirmation by e-mail

  Scenario: A card that is declined there
    Given new orders begin with the other provider
    And a shopper has placed an order for 1 "Green tea"
    When the shopper pays with a card that lacks funds
    Then the shopper is told that the card lacks funds
    When the shopper pays with a card that works
    Then the order is paid
    And the provider has collected 20.23 EUR

  Scenario: The bank asks the shopper there
    Given new orders begin with the other provider
    And a shopper has placed an order for 1 "Green tea"
    When the shopper pays with a card that asks the bank
    Then the order waits for the shopper to confirm at the bank
    When the shopper confirms at the bank
    Then the order is paid
    And the provider has collected 20.23 EUR

  Scenario: The other provider takes over in the middle of an order
    Given a shopper has placed an order for 1 "Green tea"
    When the shopper pays with a card that lacks funds
    And new orders begin with the other provider
    And the shopper pays with a card that works
    Then the order is paid
    And the order is with the first provider
    And the provider has collected 20.23 EUR

  Scenario: Money goes back from where it came
    Given a shopper has paid for 1 "Green tea"
    And new orders begin with the other provider
    When the merchant gives everything back
    Then the order is refunded
    And the provider has collected nothing
