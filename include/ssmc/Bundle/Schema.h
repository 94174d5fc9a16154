//===- Schema.h - The types of Bundle.fbs ---------------------------------===//
//
// Includes what flatc generates, whose style this project's warnings do not
// govern. Include this, not the generated header.
//
//===----------------------------------------------------------------------===//

#ifndef SSMC_BUNDLE_SCHEMA_H
#define SSMC_BUNDLE_SCHEMA_H

#ifdef __clang__
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wcovered-switch-default"
#endif

#include "ssmc/Bundle/Bundle_generated.h"

#ifdef __clang__
#pragma clang diagnostic pop
#endif

#endif // SSMC_BUNDLE_SCHEMA_H
