Feature: The tax service learns of every sale and every refund
  Whoever works out the taxes files the returns as well, and so has to know what was really sold and given back.

  Background:
    Given the shop sells "Green tea" for 12.00 EUR

  Scenario: A sale
    When a wallet in New York buys 1 "Green tea" in EUR with a card that works
    Then the order is paid
    And the tax service has booked a tax of 2.40 EUR

  Scenario: All of it goes back
    When a wallet in New York buys 1 "Green tea" in EUR with a card that works
    And the merchant gives everything back
    Then the order is refunded
    And the tax service has booked 2.40 EUR of it as given back

  Scenario: The delivery goes back, with its tax
    When a wallet in New York buys 1 "Green tea" in EUR with a card that works
    And the merchant gives the delivery back
    Then the order is partly refunded
    And the tax service has booked 1.33 EUR of it as given back

  Scenario: Nothing was sold
    When a wallet in New York buys 1 "Green tea" in EUR with a card that lacks funds
    Then the order waits to be paid
    And the tax service has booked nothing
