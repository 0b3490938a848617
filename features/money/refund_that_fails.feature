Feature: A refund that a bank does not take
  A refund is on its way until the bank has taken it. What a bank sends back can be given back another time.

  Background:
    Given the shop sells "Green tea" for 12.00 EUR

  Scenario: On its way
    Given a shopper has paid for 1 "Green tea" with a card whose refunds take days
    When the merchant gives everything back
    Then the shopper sees these refunds
      | amount    | how it stands |
      | 20.23 EUR | on its way    |
    And the order is refunded

  Scenario: What is on its way is not given back again
    Given a shopper has paid for 1 "Green tea" with a card whose refunds take days
    When the merchant gives everything back
    And the merchant gives 0.01 EUR back
    Then the refund is refused because so much is not left

  Scenario: The bank takes it
    Given a shopper has paid for 1 "Green tea" with a card whose refunds take days
    When the merchant gives everything back
    And the bank takes the refund
    Then the shopper sees these refunds
      | amount    | how it stands |
      | 20.23 EUR | arrived       |

  Scenario: The bank sends it back
    Given a shopper has paid for 1 "Green tea" with a card whose refunds come back
    When the merchant gives everything back
    And the bank sends the refund back
    Then the shopper sees these refunds
      | amount    | how it stands |
      | 20.23 EUR | failed        |
    And the order is paid
    And the provider has collected 20.23 EUR
    And somebody is asked to look at the order

  Scenario: Another try after a failure
    Given a shopper has paid for 1 "Green tea" with a card whose refunds come back
    When the merchant gives everything back
    And the bank sends the refund back
    And the merchant gives everything back
    Then the order is refunded
    And the provider has collected nothing
