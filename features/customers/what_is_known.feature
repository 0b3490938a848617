Feature: What is known of a customer
  A customer may ask for all that the shop knows of them.

  Scenario: Somebody who has bought something
    Given the shop sells "Green tea" for 12.00 EUR
    And Ada is a customer
    And Ada buys 1 "Green tea" for 20.23 EUR and saves a card that works
    When Ada asks what is known
    Then Ada is told the address, the home and an order of 20.23 EUR
