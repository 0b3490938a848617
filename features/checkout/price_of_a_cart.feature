Feature: The price of a cart is known before anybody pays
  A shopper sees what everything costs, tax and delivery included, and pays exactly that.

  Background:
    Given the shop sells "Green tea" for 12.00 EUR
    And standard delivery to Germany costs 5.00 EUR
    And Germany taxes goods and delivery at 19 %

  Scenario: One piece, delivered in Germany
    When a shopper puts 1 "Green tea" into a cart
    And has it delivered to Germany by standard delivery
    Then the cart costs 20.23 EUR
    And the cart's total is made of
      | type     | amount    |
      | subtotal | 12.00 EUR |
      | delivery | 5.00 EUR  |
      | tax      | 3.23 EUR  |
      | total    | 20.23 EUR |

  Scenario: A discount is shared by the lines, to the cent
    Given the shop sells "Mug" for 10.00 EUR
    And the code "WELCOME" takes 15 % off
    When a shopper puts 1 "Green tea" into a cart
    And puts 2 "Mug" into it
    And uses the code "welcome"
    Then the discount is 4.80 EUR
    And the lines' discounts are 1.80 EUR and 3.00 EUR

  Scenario: A code that nobody gave out is refused
    When a shopper puts 1 "Green tea" into a cart
    And uses the code "NOSUCHCODE"
    Then the change is refused because of an unknown discount code
