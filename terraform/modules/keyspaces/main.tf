resource "aws_keyspaces_keyspace" "this" {
  name = var.keyspace
}

locals {
  # The order service's own migrations are the source; the tables are made here, since only here point-in-time
  # recovery can be asked for, which brings back a deleted table, too. `migrate` then finds them made.
  cql = join("\n", [for name in sort(fileset(var.migrations, "*.cql")) : file("${var.migrations}/${name}")])

  # Each statement's name of the table, columns, and what comes behind them.
  statements = { for found in regexall("(?s)CREATE TABLE IF NOT EXISTS (\\w+) \\((.*?)\n\\)([^;]*);", local.cql) : found[0] => {
    lines   = split("\n", found[1])
    options = found[2]
  } }

  tables = { for name, statement in local.statements : name => {
    columns = merge([for line in statement.lines : { for found in regexall("^    ([a-z_]+) ([a-z<>, ]*[a-z>])(?: PRIMARY KEY)?,?$", line) : found[0] => found[1] }]...)
    added   = { for found in regexall("ALTER TABLE ${name} ADD ([a-z_]+) ([^;]+);", local.cql) : found[0] => found[1] }

    # One column that says so itself, or the part in inner parentheses, or the first of those listed.
    partition = flatten(concat(
      [for line in statement.lines : regexall("^    ([a-z_]+) .* PRIMARY KEY,?$", line)],
      [for line in statement.lines : [for found in regexall("PRIMARY KEY \\(\\(?([a-z_, ]+)", line) : strcontains(line, "((") ? split(", ", found[0]) : [split(", ", found[0])[0]]]],
    ))

    ordered = { for found in regexall("([a-z_]+) (ASC|DESC)", statement.options) : found[0] => found[1] }
    seconds = one(flatten(regexall("default_time_to_live = (\\d+)", statement.options)))
  } }
}

resource "aws_keyspaces_table" "this" {
  # checkov:skip=CKV_AWS_265: AWS keeps the key: who may read a table is said by the roles.

  for_each = local.tables

  keyspace_name        = aws_keyspaces_keyspace.this.name
  table_name           = each.key
  default_time_to_live = each.value.seconds

  schema_definition {
    dynamic "column" {
      for_each = merge(each.value.columns, each.value.added)

      content {
        name = column.key
        type = column.value
      }
    }

    dynamic "partition_key" {
      for_each = each.value.partition

      content {
        name = partition_key.value
      }
    }

    dynamic "clustering_key" {
      for_each = each.value.ordered

      content {
        name     = clustering_key.key
        order_by = clustering_key.value
      }
    }
  }

  dynamic "ttl" {
    for_each = each.value.seconds == null ? [] : ["ENABLED"]

    content {
      status = ttl.value
    }
  }

  capacity_specification {
    throughput_mode = "PAY_PER_REQUEST"
  }

  encryption_specification {
    type = "AWS_OWNED_KMS_KEY"
  }

  point_in_time_recovery {
    status = "ENABLED"
  }
}

# Keyspaces has no protection from deletion of its own: a plan that would delete or replace a table fails here.
resource "terraform_data" "protected" {
  for_each = var.protected ? local.tables : {}

  triggers_replace = [aws_keyspaces_table.this[each.key].id]

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_secretsmanager_secret" "login" {
  # checkov:skip=CKV_AWS_149: no password is in it.
  # checkov:skip=CKV2_AWS_57: no password is in it.

  name                    = "shop/order/archive"
  description             = "Where the archive of orders is; the order service's roles log in"
  recovery_window_in_days = var.secret_recovery_days
}

resource "aws_secretsmanager_secret_version" "login" {
  secret_id = aws_secretsmanager_secret.login.id

  # No password: the functions sign in with their roles.
  secret_string = jsonencode({
    contact_points   = ["cassandra.${var.region}.amazonaws.com"]
    port             = 9142
    keyspace         = aws_keyspaces_keyspace.this.name
    local_datacenter = var.region
    sigv4_region     = var.region
  })
}
