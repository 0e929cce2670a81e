package ecsbg.demo;

/**
 * What answers requests.
 *
 * @param name as its answers have it: the tag of its image @param colour where it runs @param group the ARN of that target group
 */
record Version(String name, String colour, String group) {
    String sign() {
        return colour.equals("blue") ? "░" : "█";
    }

    String shortName() {
        return name.substring(0, Math.min(8, name.length()));
    }
}
