Feature: A tax that nobody can tell just now is estimated
  While the tax service gives no answer that can be charged, what it said before about the same place stands in. The
  shopper is told so, and can order.

  Background:
    Given the shop sells "Green tea" for 12.00 EUR

  Scenario: Known rates stand in
    Given the tax service was asked about New York before
    And the tax service talks nonsense for a while
    When a shopper puts 3 "Green tea" into a cart
    And has it delivered to New York by standard delivery
    Then the tax is an estimate of 4.53 EUR
    And the cart is ready
    When the shopper places the order
    Then the order waits to be paid
    And the order's story says that the tax was estimated

  Scenario: While the service can be believed nothing is estimated
    When a shopper puts 4 "Green tea" into a cart
    And has it delivered to New York by standard delivery
    Then the tax is 5.59 EUR
