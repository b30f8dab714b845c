/* What CublasGemm and Failure call. */
FORWARD(cublasCreate_v2)
FORWARD(cublasDestroy_v2)
FORWARD(cublasGemmEx)
FORWARD_TEXT(cublasGetStatusString)
FORWARD(cublasGetVersion_v2)
FORWARD(cublasSetStream_v2)
FORWARD(cublasSetWorkspace_v2)
