# Small and cheap: one server of each kind, one way out, nothing protected. docs/cost.md says what it costs.
stage = "dev"
zones = ["us-east-1a", "us-east-1b"]

# A NAT gateway is cheaper than five endpoints in two zones, and the payment provider needs it anyway.
nat_gateways        = 1
interface_endpoints = []

postgres_class    = "db.t4g.micro"
postgres_multi_az = false
catalog_class     = "db.t4g.medium"
catalog_instances = 1
waf               = false
storefront        = true

protected   = false
backup_days = 1
log_days    = 7

# Yours: account_id, mail_sender, checkout_return_url and seller have no default. docs/to-aws.md
