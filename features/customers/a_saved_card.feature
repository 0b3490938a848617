Feature: A saved card
  A customer may keep a card with the shop's payment provider and pay with it again, until they take it away.

  Background:
    Given the shop sells "Green tea" for 12.00 EUR
    And Ada is a customer

  Scenario: A card that was saved pays the next order
    Given Ada buys 1 "Green tea" for 20.23 EUR and saves a card that works
    When Ada buys 1 "Green tea" for 20.23 EUR with the saved card
    Then the order is paid
    And the provider has collected 20.23 EUR
    And Ada has 1 saved card

  Scenario: A card that was declined is not saved
    Given Ada buys 1 "Green tea" for 20.23 EUR and saves a card that lacks funds
    Then the order waits to be paid
    And Ada has 0 saved cards

  Scenario: A card that was taken away is gone
    Given Ada buys 1 "Green tea" for 20.23 EUR and saves a card that works
    When Ada takes the saved card away
    Then Ada has 0 saved cards
