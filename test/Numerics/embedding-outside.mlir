// An id outside the table gives NaN, and nothing outside the table is read.
// RUN: %python -c "import struct; ids = [0, 2, 3, -1, 2147483647]; h = \"{'descr': '<i4', 'fortran_order': False, 'shape': (1, 5), }\"; open('%t.ids.npy', 'wb').write(b'\x93NUMPY\x01\x00' + struct.pack('<H', len(h)) + h.encode() + struct.pack('<5i', *ids))"
// RUN: %python -c "import struct; h = \"{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }\"; open('%t.table.npy', 'wb').write(b'\x93NUMPY\x01\x00' + struct.pack('<H', len(h)) + h.encode() + struct.pack('<6f', 1, 2, 3, 4, 5, 6))"
// RUN: ssmc run %s --device=cpu --check --input ids=@%t.ids.npy --input table=@%t.table.npy | FileCheck %s
// CHECK: {{\[\[\[1, 2\], \[5, 6\], \[-?nan, -?nan\], \[-?nan, -?nan\], \[-?nan, -?nan\]\]\]}}

func.func @embedding(%ids: tensor<?x?xi32> {ssm.name = "ids"},
                     %table: tensor<3x2xf32> {ssm.name = "table"})
    -> (tensor<?x?x2xf32> {ssm.name = "y"}) {
  %y = ssm.embedding %ids, %table
      : tensor<?x?xi32>, tensor<3x2xf32> -> tensor<?x?x2xf32>
  return %y : tensor<?x?x2xf32>
}
