output "authorizer_arn" {
  description = "What an API of your own asks: examples/orders has one."
  value       = aws_cloudformation_stack.ratchet.outputs["AuthorizerArn"]
}

output "api_url" {
  description = "The address of Ratchet's API."
  value       = aws_cloudformation_stack.ratchet.outputs["ApiUrl"]
}
