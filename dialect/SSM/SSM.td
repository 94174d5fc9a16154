//===- SSM.td - The whole ssm dialect, for TableGen --------*- tablegen -*-===//

#ifndef DIALECT_SSM_SSM_TD
#define DIALECT_SSM_SSM_TD

include "dialect/SSM/SSMScanOps.td"
include "dialect/SSM/SSMConvOps.td"
include "dialect/SSM/SSMNormOps.td"
include "dialect/SSM/SSMMathOps.td"
include "dialect/SSM/SSMModelOps.td"
include "dialect/SSM/SSMBlockOps.td"

#endif // DIALECT_SSM_SSM_TD
