Feature: Being forgotten
  A customer may ask to be forgotten. What they bought and paid stays in the books; who they were does not.

  Background:
    Given the shop sells "Green tea" for 12.00 EUR
    And Ada is a customer

  Scenario: Nobody can be recognised, and the books agree
    Given Ada buys 1 "Green tea" for 20.23 EUR and saves a card that works
    When Ada asks to be forgotten
    Then nothing is known of Ada but an order of 20.23 EUR
    And the provider has collected 20.23 EUR
    And the order is paid

  Scenario: Money that is on its way back is waited for
    Given Ada buys 1 "Green tea" for 20.23 EUR and saves a card whose refunds take days
    When the merchant gives everything back
    And Ada asks to be forgotten
    Then Ada is told that an order is still under way
    When the bank takes the refund
    And Ada asks to be forgotten
    Then nothing is known of Ada but an order of 20.23 EUR
