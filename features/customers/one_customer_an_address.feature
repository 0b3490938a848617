Feature: One customer an address
  An e-mail address belongs to one customer, however it is spelled.

  Scenario: The same address in capitals
    Given Ada is a customer
    When Eva registers with an address that Ada spelled differently
    Then Eva is told that somebody has this address
