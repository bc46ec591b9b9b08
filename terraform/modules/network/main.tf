locals {
  # A NAT gateway lies in a zone: more of them than zones are of no use.
  nat_zones = slice(var.zones, 0, min(var.nat_gateways, length(var.zones)))
  zones     = { for index, zone in var.zones : zone => index }
}

resource "aws_vpc" "this" {
  # checkov:skip=CKV2_AWS_11: nothing from outside can come in, and nobody would read gigabytes of flow logs.

  cidr_block           = var.cidr
  enable_dns_support   = true
  enable_dns_hostnames = true

  tags = { Name = var.name }
}

# Whoever forgets to name a security group gets this one, which lets nothing through.
resource "aws_default_security_group" "this" {
  vpc_id = aws_vpc.this.id
}

resource "aws_subnet" "private" {
  for_each = local.zones

  vpc_id            = aws_vpc.this.id
  availability_zone = each.key
  cidr_block        = cidrsubnet(var.cidr, 4, each.value)

  tags = { Name = "${var.name}-private-${each.key}" }
}

resource "aws_route_table" "private" {
  for_each = local.zones

  vpc_id = aws_vpc.this.id

  tags = { Name = "${var.name}-private-${each.key}" }
}

resource "aws_route_table_association" "private" {
  for_each = local.zones

  subnet_id      = aws_subnet.private[each.key].id
  route_table_id = aws_route_table.private[each.key].id
}

# The way to the internet, for the payment provider.

resource "aws_internet_gateway" "this" {
  count = length(local.nat_zones) > 0 ? 1 : 0

  vpc_id = aws_vpc.this.id

  tags = { Name = var.name }
}

resource "aws_subnet" "public" {
  for_each = toset(local.nat_zones)

  vpc_id                  = aws_vpc.this.id
  availability_zone       = each.key
  cidr_block              = cidrsubnet(var.cidr, 4, 8 + local.zones[each.key])
  map_public_ip_on_launch = false

  tags = { Name = "${var.name}-public-${each.key}" }
}

resource "aws_route_table" "public" {
  count = length(local.nat_zones) > 0 ? 1 : 0

  vpc_id = aws_vpc.this.id

  tags = { Name = "${var.name}-public" }
}

resource "aws_route" "public" {
  count = length(local.nat_zones) > 0 ? 1 : 0

  route_table_id         = aws_route_table.public[0].id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.this[0].id
}

resource "aws_route_table_association" "public" {
  for_each = toset(local.nat_zones)

  subnet_id      = aws_subnet.public[each.key].id
  route_table_id = aws_route_table.public[0].id
}

resource "aws_eip" "nat" {
  for_each = toset(local.nat_zones)

  domain = "vpc"

  tags = { Name = "${var.name}-nat-${each.key}" }
}

resource "aws_nat_gateway" "this" {
  for_each = toset(local.nat_zones)

  subnet_id     = aws_subnet.public[each.key].id
  allocation_id = aws_eip.nat[each.key].id

  tags = { Name = "${var.name}-${each.key}" }

  depends_on = [aws_route.public]
}

resource "aws_route" "private" {
  for_each = length(local.nat_zones) > 0 ? local.zones : {}

  route_table_id         = aws_route_table.private[each.key].id
  destination_cidr_block = "0.0.0.0/0"
  # A zone without a NAT gateway of its own goes through another's.
  nat_gateway_id = aws_nat_gateway.this[local.nat_zones[each.value % length(local.nat_zones)]].id
}

# The way to AWS that does not leave the VPC.

resource "aws_vpc_endpoint" "s3" {
  vpc_id            = aws_vpc.this.id
  service_name      = "com.amazonaws.${var.region}.s3"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = [for zone in var.zones : aws_route_table.private[zone].id]

  tags = { Name = "${var.name}-s3" }
}

resource "aws_vpc_endpoint" "interface" {
  for_each = var.interface_endpoints

  vpc_id              = aws_vpc.this.id
  service_name        = "com.amazonaws.${var.region}.${each.key}"
  vpc_endpoint_type   = "Interface"
  private_dns_enabled = true
  subnet_ids          = [for zone in var.zones : aws_subnet.private[zone].id]
  security_group_ids  = [aws_security_group.endpoints.id]

  tags = { Name = "${var.name}-${each.key}" }
}

# Who may speak to whom. Each rule names a group at its other end; only the way out knows the internet.

resource "aws_security_group" "functions" {
  # checkov:skip=CKV2_AWS_5: the functions are in the packages of the services.

  name        = "${var.name}-functions"
  description = "The functions that have a store"
  vpc_id      = aws_vpc.this.id
}

resource "aws_security_group" "postgres_proxy" {
  # checkov:skip=CKV2_AWS_5: the module postgres attaches it.

  name        = "${var.name}-postgres-proxy"
  description = "RDS Proxy"
  vpc_id      = aws_vpc.this.id
}

resource "aws_security_group" "postgres" {
  # checkov:skip=CKV2_AWS_5: the module postgres attaches it.

  name        = "${var.name}-postgres"
  description = "The Postgres server"
  vpc_id      = aws_vpc.this.id
}

resource "aws_security_group" "documentdb" {
  # checkov:skip=CKV2_AWS_5: the module documentdb attaches it.

  name        = "${var.name}-documentdb"
  description = "The DocumentDB cluster"
  vpc_id      = aws_vpc.this.id
}

resource "aws_security_group" "endpoints" {
  name        = "${var.name}-endpoints"
  description = "The interfaces of AWS services"
  vpc_id      = aws_vpc.this.id
}

# The function that makes databases and their users: it alone reaches the Postgres server itself. By the proxy
# it tries what it made.
resource "aws_security_group" "logins" {
  # checkov:skip=CKV2_AWS_5: the module logins attaches it.

  name        = "${var.name}-logins"
  description = "The function that makes databases and logins"
  vpc_id      = aws_vpc.this.id
}

locals {
  conversations = {
    functions-postgres-proxy = { from = aws_security_group.functions.id, to = aws_security_group.postgres_proxy.id, port = 5432 }
    functions-documentdb     = { from = aws_security_group.functions.id, to = aws_security_group.documentdb.id, port = 27017 }
    functions-endpoints      = { from = aws_security_group.functions.id, to = aws_security_group.endpoints.id, port = 443 }
    functions-keyspaces      = { from = aws_security_group.functions.id, to = aws_security_group.endpoints.id, port = 9142 }
    postgres-proxy-postgres  = { from = aws_security_group.postgres_proxy.id, to = aws_security_group.postgres.id, port = 5432 }
    logins-postgres-proxy    = { from = aws_security_group.logins.id, to = aws_security_group.postgres_proxy.id, port = 5432 }
    logins-postgres          = { from = aws_security_group.logins.id, to = aws_security_group.postgres.id, port = 5432 }
    logins-documentdb        = { from = aws_security_group.logins.id, to = aws_security_group.documentdb.id, port = 27017 }
    logins-endpoints         = { from = aws_security_group.logins.id, to = aws_security_group.endpoints.id, port = 443 }
  }

  # Beyond the VPC: the payment provider, and AWS services without an endpoint in it.
  outside = length(local.nat_zones) == 0 ? {} : {
    functions-https     = { from = aws_security_group.functions.id, port = 443 }
    functions-keyspaces = { from = aws_security_group.functions.id, port = 9142 }
    logins-https        = { from = aws_security_group.logins.id, port = 443 }
  }
}

resource "aws_vpc_security_group_ingress_rule" "conversation" {
  for_each = local.conversations

  security_group_id            = each.value.to
  referenced_security_group_id = each.value.from
  description                  = each.key
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
}

resource "aws_vpc_security_group_egress_rule" "conversation" {
  for_each = local.conversations

  security_group_id            = each.value.from
  referenced_security_group_id = each.value.to
  description                  = each.key
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
}

resource "aws_vpc_security_group_egress_rule" "outside" {
  for_each = local.outside

  security_group_id = each.value.from
  description       = each.key
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = each.value.port
  to_port           = each.value.port
}
