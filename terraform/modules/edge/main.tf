resource "aws_api_gateway_method_settings" "this" {
  # checkov:skip=CKV_AWS_225: nothing is cached: answers are a customer's own, and stock changes.

  for_each = var.apis

  rest_api_id = each.value.id
  stage_name  = each.value.stage
  method_path = "*/*"

  settings {
    # Those of an API as a whole are there without it, and free; these are paid for by the method.
    metrics_enabled        = false
    throttling_rate_limit  = var.requests_a_second
    throttling_burst_limit = var.burst

    # Bodies and tokens would be in it.
    data_trace_enabled = false
    logging_level      = "OFF"
  }
}

# One name for all services

data "aws_route53_zone" "this" {
  count = var.domain != null ? 1 : 0

  zone_id = var.zone_id

  lifecycle {
    precondition {
      condition     = var.zone_id != null
      error_message = "A domain needs its Route 53 zone: set zone_id."
    }
  }
}

resource "aws_acm_certificate" "this" {
  count = var.domain != null ? 1 : 0

  domain_name       = var.domain
  validation_method = "DNS"

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_route53_record" "validation" {
  count = var.domain != null ? 1 : 0

  zone_id = data.aws_route53_zone.this[0].zone_id
  name    = one(aws_acm_certificate.this[0].domain_validation_options).resource_record_name
  type    = one(aws_acm_certificate.this[0].domain_validation_options).resource_record_type
  records = [one(aws_acm_certificate.this[0].domain_validation_options).resource_record_value]
  ttl     = 60
}

resource "aws_acm_certificate_validation" "this" {
  count = var.domain != null ? 1 : 0

  certificate_arn         = aws_acm_certificate.this[0].arn
  validation_record_fqdns = [aws_route53_record.validation[0].fqdn]
}

locals {
  # Sorted, so that a rule keeps its priority.
  rules = { for index, rule in flatten([
    for service in sort(keys(var.apis)) : [
      for path in sort(var.apis[service].paths) : { service = service, path = path }
    ]
  ]) : "Rule${title(rule.path)}" => merge(rule, { priority = 10 * (index + 1) }) }
}

# By CloudFormation, since version 6.25 of the provider has no routing rules: docs/decisions/0073-one-domain.md.
resource "aws_cloudformation_stack" "domain" {
  # checkov:skip=CKV_AWS_124: Terraform waits for the stack and tells what went wrong.

  count = var.domain != null ? 1 : 0

  name = "${var.name}-domain"

  template_body = jsonencode({
    Description = "The shop's domain name, and which path leads to which service"
    Resources = merge(
      {
        Domain = {
          Type = "AWS::ApiGateway::DomainName"
          Properties = {
            DomainName             = var.domain
            RegionalCertificateArn = aws_acm_certificate_validation.this[0].certificate_arn
            EndpointConfiguration  = { Types = ["REGIONAL"] }
            SecurityPolicy         = "TLS_1_2"
            RoutingMode            = "ROUTING_RULE_ONLY"
          }
        }
      },
      {
        for name, rule in local.rules : name => {
          Type = "AWS::ApiGatewayV2::RoutingRule"
          Properties = {
            DomainNameArn = { "Fn::GetAtt" = ["Domain", "DomainNameArn"] }
            Priority      = rule.priority
            Conditions    = [{ MatchBasePaths = { AnyOf = [rule.path] } }]
            Actions = [{
              InvokeApi = {
                ApiId         = var.apis[rule.service].id
                Stage         = var.apis[rule.service].stage
                StripBasePath = false
              }
            }]
          }
        }
      },
    )
    Outputs = {
      Name = { Value = { "Fn::GetAtt" = ["Domain", "RegionalDomainName"] } }
      Zone = { Value = { "Fn::GetAtt" = ["Domain", "RegionalHostedZoneId"] } }
    }
  })
}

resource "aws_route53_record" "domain" {
  count = var.domain != null ? 1 : 0

  zone_id = data.aws_route53_zone.this[0].zone_id
  name    = var.domain
  type    = "A"

  alias {
    name                   = aws_cloudformation_stack.domain[0].outputs["Name"]
    zone_id                = aws_cloudformation_stack.domain[0].outputs["Zone"]
    evaluate_target_health = false
  }
}

# The firewall

locals {
  # AWS's own lists; each is skipped by none of the shop's requests.
  managed_rules = ["AWSManagedRulesAmazonIpReputationList", "AWSManagedRulesCommonRuleSet", "AWSManagedRulesKnownBadInputsRuleSet"]
}

resource "aws_wafv2_web_acl" "this" {
  # checkov:skip=CKV2_AWS_31: whole requests would be in its log, tokens too; the rules count in CloudWatch.

  count = var.waf ? 1 : 0

  name        = var.name
  description = "What may come to the APIs of the shop"
  scope       = "REGIONAL"

  default_action {
    allow {}
  }

  rule {
    name     = "not-too-many-from-one-address"
    priority = 0

    action {
      block {}
    }

    statement {
      rate_based_statement {
        limit              = var.requests_in_five_minutes
        aggregate_key_type = "IP"

        # Behind CloudFront all customers have CloudFront's addresses; there the storefront's own firewall counts.
        dynamic "scope_down_statement" {
          for_each = nonsensitive(var.storefront_key != null) ? ["not through the storefront"] : []

          content {
            not_statement {
              statement {
                byte_match_statement {
                  search_string         = var.storefront_key
                  positional_constraint = "EXACTLY"

                  field_to_match {
                    single_header {
                      name = "x-storefront-key"
                    }
                  }

                  text_transformation {
                    priority = 0
                    type     = "NONE"
                  }
                }
              }
            }
          }
        }
      }
    }

    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "${var.name}-too-many"
      sampled_requests_enabled   = false
    }
  }

  dynamic "rule" {
    for_each = local.managed_rules

    content {
      name     = rule.value
      priority = 10 + rule.key

      override_action {
        none {}
      }

      statement {
        managed_rule_group_statement {
          name        = rule.value
          vendor_name = "AWS"

          # A signed webhook of the payment provider may be larger than 8 KB; the shop has limits of its own.
          dynamic "rule_action_override" {
            for_each = rule.value == "AWSManagedRulesCommonRuleSet" ? ["SizeRestrictions_BODY"] : []

            content {
              name = rule_action_override.value

              action_to_use {
                count {}
              }
            }
          }
        }
      }

      visibility_config {
        cloudwatch_metrics_enabled = true
        metric_name                = "${var.name}-${rule.value}"
        sampled_requests_enabled   = false
      }
    }
  }

  visibility_config {
    cloudwatch_metrics_enabled = true
    metric_name                = var.name
    sampled_requests_enabled   = false
  }
}

resource "aws_wafv2_web_acl_association" "this" {
  for_each = var.waf ? var.apis : {}

  resource_arn = each.value.stage_arn
  web_acl_arn  = aws_wafv2_web_acl.this[0].arn
}
