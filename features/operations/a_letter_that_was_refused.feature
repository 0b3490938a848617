Feature: A letter that can't be sent waits for a person
  It is put aside with the reason, never lost. An operator has it sent again once the cause is mended.

  Background:
    Given the shop sells "Green tea" for 12.00 EUR
    And the mail service takes no letters to the shopper
    And a shopper has paid for 1 "Green tea"

  Scenario: Put aside
    Then the confirmation is put aside
    And the shopper has got no confirmation

  Scenario: Sent again
    Then the confirmation is put aside
    When the mail service takes letters to the shopper again
    And "Kim" has it sent again because "the mailbox has room again"
    Then the shopper gets a confirmation by e-mail
    And nothing is put aside any more
    And the order's story tells that "Kim" had it sent because "the mailbox has room again"

  Scenario: Refused again
    Then the confirmation is put aside
    When "Kim" has it sent again because "let us see"
    Then the confirmation is put aside
    And the shopper has got no confirmation
