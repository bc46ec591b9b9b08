locals {
  granted = jsondecode(file("${var.policies}/functions.json"))

  functions = merge([
    for service, functions in local.granted : {
      for function, statements in functions : "${service}-${function}" => {
        service    = service
        function   = function
        statements = statements
        # As Chalice names them: the one that answers HTTP has no name of its own.
        name = function == "api_handler" ? "${service}-${var.stage}" : "${service}-${var.stage}-${function}"
      }
    }
  ]...)

  policies = {
    for key, function in local.functions : key => jsonencode({
      Version = "2012-10-17"
      Statement = [
        for name in function.statements : merge(
          { Sid = name },
          { for field, value in local.statements[key][name] : field => value if field != "Why" },
        )
      ]
    })
  }

  # All statements, with the function's own names in them.
  statements = {
    for key, function in local.functions : key => jsondecode(templatefile("${var.policies}/statements.json", merge(var.names, {
      stage                 = var.stage
      function_name         = function.name
      database_secret       = lookup(var.database_secrets, function.service, "none")
      database_user         = function.service
      database_owner_secret = lookup(var.database_owner_secrets, function.service, "none")
      database_owner        = "${function.service}_owner"
      payment_queue         = lookup(var.payment_queues, function.service, "none")
    })))
  }
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "this" {
  for_each = local.functions

  name               = "shop-${var.stage}-${each.key}"
  description        = "What ${each.value.name} may do"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role_policy" "this" {
  for_each = local.functions

  name   = each.value.function
  role   = aws_iam_role.this[each.key].id
  policy = local.policies[each.key]
}
