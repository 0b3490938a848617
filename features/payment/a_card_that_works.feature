Feature: A paid order
  A shopper pays with a card that works; the money is collected once the goods are certain.

  Background:
    Given the shop sells "Green tea" for 12.00 EUR
    And a shopper has a ready cart with 1 "Green tea" for 20.23 EUR

  Scenario: Paying an order
    When the shopper places the order
    Then the order waits to be paid
    When the shopper pays with a card that works
    Then the order is paid
    And the provider has collected 20.23 EUR
    And the shopper gets a confirmation by e-mail

  Scenario: Everything in one call
    When a wallet buys 1 "Green tea" for 20.23 EUR with a card that works
    Then the order is paid
    And the provider has collected 20.23 EUR

  Scenario: Placing the same cart twice
    When the shopper places the order
    And the shopper places the order once more
    Then there is one order

  Scenario: Yen have no decimals
    Given "Green tea" costs 1900 JPY as well
    When a wallet in Japan buys 1 "Green tea" in JPY with a card that works
    Then the order is paid
    And the provider has collected the order's total

  Scenario: Dinars have three decimals, and are charged in tens of fils
    Given "Green tea" costs 4.150 KWD as well
    When a wallet in Germany buys 1 "Green tea" in KWD with a card that works
    Then the order is paid
    And the provider has collected 6.960 KWD
