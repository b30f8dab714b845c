/* What CufftPlan calls. */
FORWARD(cufftCreate)
FORWARD(cufftDestroy)
FORWARD(cufftExecR2C)
FORWARD(cufftGetVersion)
FORWARD(cufftMakePlanMany)
FORWARD(cufftSetAutoAllocation)
FORWARD(cufftSetStream)
FORWARD(cufftSetWorkArea)
