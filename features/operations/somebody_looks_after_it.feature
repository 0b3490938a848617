Feature: Somebody looks after what waits for a person
  Whoever takes it, or gets it, is named, so that no two people write to the same bank.

  Background:
    Given the shop sells "Green tea" for 12.00 EUR
    And a shopper has paid for 1 "Green tea"
    And the shopper has disputed the payment

  Scenario: Nobody yet
    Then nobody looks after it

  Scenario: How long the bank can be answered
    Then the bank can be answered for 7 days

  Scenario: A verdict ends it without anybody
    Then somebody is asked to look at the order
    When the bank decides for the shopper
    Then nobody is asked to look at the order any more
    And it has ended by itself because the dispute was lost

  Scenario: Taken
    When "Kim" takes it because "I know this bank"
    Then "Kim" looks after it

  Scenario: Given on
    When "Kim" takes it because "I know this bank"
    And "Kim" gives it to "Robin" because "Robin has the receipt"
    Then "Robin" looks after it
    And somebody is asked to look at the order

  Scenario: A dispute that is noted may still be won
    When "Kim" leaves it as it is because "answered at the bank"
    Then nobody is asked to look at the order any more
    When the bank decides for the merchant
    Then the books say
      | account  | amount     |
      | provider | 20.23 EUR  |
      | sales    | -12.00 EUR |
      | delivery | -5.00 EUR  |
      | tax      | -3.23 EUR  |
