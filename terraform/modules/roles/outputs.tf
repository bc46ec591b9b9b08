output "arns" {
  description = "The ARN of each function's role, by service and function. Whoever waits for one, waits for its policy."
  value = {
    for service, functions in local.granted : service => {
      for function, _ in functions : function => aws_iam_role.this["${service}-${function}"].arn
    }
  }

  depends_on = [aws_iam_role_policy.this]
}

output "function_names" {
  description = "The name that each function has in Lambda, sorted."
  value       = sort([for function in local.functions : function.name])
}

output "policies" {
  description = "The policy of each role, as JSON, by <service>-<function>."
  value       = local.policies
}
