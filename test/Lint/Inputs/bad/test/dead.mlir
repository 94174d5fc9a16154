// RUN: ssmc-opt %s
// CHECK: this is never looked at
