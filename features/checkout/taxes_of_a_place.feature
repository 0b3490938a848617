Feature: Each place has its own taxes
  What is sold is taxed as the place wants it that it goes to, and so is the delivery.

  Background:
    Given the shop sells "Green tea" for 12.00 EUR

  Scenario: Goods and delivery are taxed
    When a shopper puts 1 "Green tea" into a cart
    And has it delivered to New York by standard delivery
    Then the cart's total is made of
      | type     | amount    |
      | subtotal | 12.00 EUR |
      | delivery | 15.00 EUR |
      | tax      | 2.40 EUR  |
      | total    | 29.40 EUR |

  Scenario: Another place, another tax
    When a shopper puts 1 "Green tea" into a cart
    And has it delivered to Germany by standard delivery
    Then the tax is 3.23 EUR

  Scenario: Who is exempt pays none
    When a shopper puts 1 "Green tea" into a cart
    And has it delivered to New York by standard delivery
    And the merchant exempts the buyer from tax
    Then the tax is 0.00 EUR
    And the cart costs 27.00 EUR
    And the cart is ready
