# Whatever fails alone, a server or a zone, the shop goes on; and what holds data refuses to be destroyed.
stage = "prod"
zones = ["us-east-1a", "us-east-1b"]

nat_gateways        = 2
interface_endpoints = ["cassandra", "lambda", "secretsmanager", "sns", "sqs"]

postgres_class    = "db.m7g.large"
postgres_multi_az = true
catalog_class     = "db.r6g.large"
catalog_instances = 2
waf               = true
storefront        = true

protected   = true
backup_days = 30
log_days    = 90

order_minutes_to_archive = 10080

# Yours: account_id, domain, storefront_domain, zone_id, mail_sender, checkout_return_url and seller. docs/to-aws.md
