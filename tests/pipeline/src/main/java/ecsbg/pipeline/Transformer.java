package ecsbg.pipeline;

import com.cloudbees.groovy.cps.CpsTransformer;

/** Jenkins' transformation of a script into one that can be suspended. */
final class Transformer extends CpsTransformer {}
