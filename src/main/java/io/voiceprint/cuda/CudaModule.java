package io.voiceprint.cuda;

import static io.voiceprint.cuda.Failure.SUCCESS;

import jcuda.driver.CUfunction;
import jcuda.driver.CUmodule;
import jcuda.driver.JCudaDriver;

/** Device code that was loaded; hands out its entry points. */
public final class CudaModule extends CudaResource {
  private final CUmodule handle = new CUmodule();

  /**
   * @param image a cubin, a fat binary, or PTX text that ends with a zero byte
   * @throws CudaException if the image holds nothing for this device or driver
   */
  CudaModule(CudaContext context, String what, byte[] image) {
    super(context, "module '" + what + "'");
    int status = JCudaDriver.cuModuleLoadData(handle, image);
    if (status != SUCCESS) {
      throw context.failed(
          "cuModuleLoadData",
          status,
          name() + ", image of " + image.length + " bytes, " + context.device());
    }
    opened();
  }

  /**
   * An entry point of this module. It lives as long as the module does.
   *
   * @throws CudaException if there is none of that name
   */
  public Kernel kernel(String entryPoint) {
    use();
    CUfunction function = new CUfunction();
    int status = JCudaDriver.cuModuleGetFunction(function, handle, entryPoint);
    if (status != SUCCESS) {
      throw context.failed("cuModuleGetFunction", status, name() + ", entry point=" + entryPoint);
    }
    return new Kernel(this, entryPoint, function);
  }

  @Override
  void release() {
    int status = JCudaDriver.cuModuleUnload(handle);
    if (status != SUCCESS) {
      throw context.failed("cuModuleUnload", status, toString());
    }
  }
}
