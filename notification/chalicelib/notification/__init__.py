"""The notification service: mails each invoice to its customer, once."""
