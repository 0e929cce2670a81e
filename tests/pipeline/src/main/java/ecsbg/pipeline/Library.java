package ecsbg.pipeline;

/** `@Library('name@version') _` at the top of a Jenkinsfile: accepted; the library is the checkout's. */
public @interface Library {
    String[] value();

    boolean changelog() default true;
}
