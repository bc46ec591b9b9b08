"""The product service: knows what is for sale. How many pieces there are it asks the inventory."""
