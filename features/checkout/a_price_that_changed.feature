Feature: Nobody pays a price that they did not see
  When a price changes between looking and buying, the shopper is shown the new one and has to agree to it.

  Background:
    Given the shop sells "Green tea" for 12.00 EUR
    And a shopper has a ready cart with 1 "Green tea" for 20.23 EUR

  Scenario: The price rises before the order
    When the shop raises the price of "Green tea" to 13.00 EUR
    And the shopper places the order for 20.23 EUR
    Then the order is refused because the price changed
    And the cart costs 21.42 EUR

  Scenario: The shopper agrees to the new price
    When the shop raises the price of "Green tea" to 13.00 EUR
    And the shopper places the order for 20.23 EUR
    And the shopper places the order for 21.42 EUR
    Then the order waits to be paid

  Scenario: Looking at an old version of the cart
    When the shopper changes the quantity to 2
    And the shopper places the order as it was before
    Then the order is refused because the cart has changed

  Scenario: A wallet that shows an old price
    When the shop raises the price of "Green tea" to 13.00 EUR
    And a wallet buys 1 "Green tea" for 20.23 EUR with a card that works
    Then the order is refused because the price changed
